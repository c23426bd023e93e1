"""Access: who calls, what their role may do, and whom they have a right to see."""
