"""What shows how the pages are: screenshots, checkers, scores and weights, of the real site."""
