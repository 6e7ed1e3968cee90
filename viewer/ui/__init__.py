"""The viewer's widgets: one picture, and a study around it. Qt, and nothing of wallets."""
