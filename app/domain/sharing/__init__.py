"""What the state already knows: asked for with consent, shown with its source, confirmed or objected to."""
