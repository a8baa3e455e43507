"""What residents do on 1177 by themselves: how soon their times are shown, changed and offered."""
