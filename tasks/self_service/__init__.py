"""What residents do by themselves on 1177: book, move and cancel visits (besok-3, besok-4)."""
