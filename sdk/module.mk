.PHONY: sdk
sdk:
