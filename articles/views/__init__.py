"""Pages: parse what was asked, ask the models, render."""
