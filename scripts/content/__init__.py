"""`make content-check`: whether what families read is sourced, up to date, plain, short and explained."""
