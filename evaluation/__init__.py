"""How well the service understands families: what `make evaluate` measures, prints and draws."""
