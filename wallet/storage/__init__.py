"""Where sealed blocks are kept: addresses, files of blocks, a folder, an IPFS node."""
