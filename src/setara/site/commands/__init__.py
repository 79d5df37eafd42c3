"""The command line's groups. Modules here import nothing heavy at the top: ``setara --help`` stays quick."""
