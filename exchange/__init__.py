"""What comes in and goes out: Excel intake, the demo school, full export, backup."""
