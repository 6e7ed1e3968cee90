"""What a study is on IPFS: sealed so that only those it was opened to can read it."""
