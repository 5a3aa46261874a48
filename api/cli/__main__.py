"""`python -m api.cli`."""

from api.cli import main

if __name__ == "__main__":  # not where a process of its own loads it
    main()
