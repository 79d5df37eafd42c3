"""`setara day`: one office day, played through the real operations on a virtual clock."""
