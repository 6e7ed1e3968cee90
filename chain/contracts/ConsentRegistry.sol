// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ConsentRegistry
/// @notice Orders the heads of each study and keeps the log of consents given and withdrawn.
/// @dev One storage word a study, for ever: the masked digest of its head. A study's id is the
/// address of its key, and only that key's signature changes the word, whoever pays.
/// Holds no personal data. Has no owner, no upgrade, no Ether, no external call, no constructor,
/// no state beside the words, and does not know `msg.sender`.
contract ConsentRegistry {
    /// @notice One consent as the chain sees it.
    /// @param grantId Address of a one-off key that only the patient and the grantee hold.
    /// @param commitment Salted hash of the consent's terms.
    struct Item {
        address grantId;
        bytes32 commitment;
    }

    /// @notice A secp256k1 signature in its one accepted form: `s` low, `v` 27 or 28.
    struct Signature {
        bytes32 r;
        bytes32 s;
        uint8 v;
    }

    /// @notice What a member of a batch does. The order is part of the interface.
    enum Kind {
        Publish,
        Grant,
        GrantMany,
        Revoke,
        Rotate,
        Erase,
        Opened
    }

    /// @notice A member of a batch; what its kind does not use is ignored.
    /// @param items One for Grant, 1 to 16 for GrantMany; of Revoke and Opened the first grantId.
    struct Change {
        Kind kind;
        address study;
        bytes32 previous;
        bytes32 head;
        Item[] items;
        uint64 deadline;
        Signature signature;
    }

    /// @dev The message is no longer valid.
    error DeadlinePassed(uint64 deadline, uint256 nowAt);
    /// @dev The message would be valid for more than 24 hours.
    error DeadlineTooFar(uint64 deadline, uint256 nowAt);
    /// @dev `s` is not low, `v` neither 27 nor 28, or nobody can have signed this.
    error MalformedSignature();
    /// @dev Somebody else signed, or something else was signed.
    error WrongSigner(address expected, address actual);
    /// @dev 0, 1 and the previous word cannot be a new word.
    error HeadInvalid(address study, bytes32 head);
    /// @dev Only the first head is published.
    error AlreadyPublished(address study);
    /// @dev The study has no head yet.
    error NotPublished(address study);
    /// @dev Nothing follows the tombstone.
    error StudyErased(address study);
    /// @dev The study has moved on since the message was signed.
    error OutOfDate(address study, bytes32 previous, bytes32 stored);
    /// @dev A grant is of 1 to 16 items.
    error ItemsInvalid(address study, uint256 count);

    /// @notice The study has its first head.
    event Published(address indexed study);
    /// @notice A new head lets one more read, on the terms behind `commitment`.
    event Granted(address indexed study, address indexed grantId, bytes32 commitment);
    /// @notice A new head no longer has this grant's envelope.
    event Revoked(address indexed study, address indexed grantId);
    /// @notice New keys and new ciphertext for the same readers.
    event Rotated(address indexed study);
    /// @notice The study is erased.
    event Erased(address indexed study);
    /// @notice The holder of the grant's key reports that the study was opened.
    event Opened(address indexed study, address indexed grantId);

    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    bytes32 private constant NAME_HASH = keccak256("Rayfolio");
    bytes32 private constant VERSION_HASH = keccak256("1");
    bytes32 private constant PUBLISH_TYPEHASH =
        keccak256("Publish(address study,bytes32 head,uint64 deadline)");
    bytes32 private constant GRANT_TYPEHASH = keccak256(
        "Grant(address study,bytes32 previous,bytes32 head,address grantId,bytes32 commitment,uint64 deadline)"
    );
    bytes32 private constant GRANT_MANY_TYPEHASH = keccak256(
        "GrantMany(address study,bytes32 previous,bytes32 head,Item[] items,uint64 deadline)Item(address grantId,bytes32 commitment)"
    );
    bytes32 private constant ITEM_TYPEHASH = keccak256("Item(address grantId,bytes32 commitment)");
    bytes32 private constant REVOKE_TYPEHASH = keccak256(
        "Revoke(address study,bytes32 previous,bytes32 head,address grantId,uint64 deadline)"
    );
    bytes32 private constant ROTATE_TYPEHASH =
        keccak256("Rotate(address study,bytes32 previous,bytes32 head,uint64 deadline)");
    bytes32 private constant ERASE_TYPEHASH =
        keccak256("Erase(address study,bytes32 previous,uint64 deadline)");
    bytes32 private constant OPENED_TYPEHASH =
        keccak256("Opened(address study,address grantId,uint64 deadline)");

    bytes32 private constant NONE = bytes32(0);
    bytes32 private constant TOMBSTONE = bytes32(uint256(1));
    uint256 private constant LONGEST = 24 hours;
    uint256 private constant MOST_ITEMS = 16;
    /// @dev Half the order of secp256k1: the highest low `s`.
    uint256 private constant HALF_ORDER =
        0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    /// @dev Slot 0, so that a word is proven by `keccak256(study, 0)`.
    mapping(address study => bytes32 head) private _heads;

    /// @notice The words of many studies: 0 where there is none, 1 where it was erased.
    function heads(address[] calldata studies) external view returns (bytes32[] memory words) {
        words = new bytes32[](studies.length);
        for (uint256 i = 0; i < studies.length; i++) words[i] = _heads[studies[i]];
    }

    /// @notice Gives a study its first head. Signed by the study key.
    function publish(address study, bytes32 head, uint64 deadline, Signature calldata signature)
        external
    {
        _publish(study, head, deadline, signature);
    }

    /// @notice Lets one more read. Signed by the study key.
    function grant(
        address study,
        bytes32 previous,
        bytes32 head,
        address grantId,
        bytes32 commitment,
        uint64 deadline,
        Signature calldata signature
    ) external {
        _grant(study, previous, head, grantId, commitment, deadline, signature);
    }

    /// @notice Lets 1 to 16 more read, by one signature of the study key.
    function grantMany(
        address study,
        bytes32 previous,
        bytes32 head,
        Item[] calldata items,
        uint64 deadline,
        Signature calldata signature
    ) external {
        _grantMany(study, previous, head, items, deadline, signature);
    }

    /// @notice Withdraws one consent. Signed by the study key.
    function revoke(
        address study,
        bytes32 previous,
        bytes32 head,
        address grantId,
        uint64 deadline,
        Signature calldata signature
    ) external {
        _revoke(study, previous, head, grantId, deadline, signature);
    }

    /// @notice Puts new keys and ciphertext in place for the same readers. Signed by the study key.
    function rotate(
        address study,
        bytes32 previous,
        bytes32 head,
        uint64 deadline,
        Signature calldata signature
    ) external {
        _rotate(study, previous, head, deadline, signature);
    }

    /// @notice Puts the tombstone; nothing follows it. Signed by the study key.
    function erase(address study, bytes32 previous, uint64 deadline, Signature calldata signature)
        external
    {
        _erase(study, previous, deadline, signature);
    }

    /// @notice Reports that a study was opened. Signed by the grant key, whose address `grantId` is.
    /// @dev A report, not a proof, and stateless: it may come again until its deadline, for a grant
    /// that never was or no longer is. Readers count the first one of a grant they know.
    function opened(address study, address grantId, uint64 deadline, Signature calldata signature)
        external
    {
        _opened(study, grantId, deadline, signature);
    }

    /// @notice Applies several changes in their order, all or none.
    function batch(Change[] calldata changes) external {
        for (uint256 i = 0; i < changes.length; i++) _apply(changes[i]);
    }

    function _apply(Change calldata c) private {
        if (c.kind == Kind.Publish) {
            _publish(c.study, c.head, c.deadline, c.signature);
        } else if (c.kind == Kind.Grant) {
            Item calldata item = _only(c);
            _grant(
                c.study, c.previous, c.head, item.grantId, item.commitment, c.deadline, c.signature
            );
        } else if (c.kind == Kind.GrantMany) {
            _grantMany(c.study, c.previous, c.head, c.items, c.deadline, c.signature);
        } else if (c.kind == Kind.Revoke) {
            _revoke(c.study, c.previous, c.head, _only(c).grantId, c.deadline, c.signature);
        } else if (c.kind == Kind.Rotate) {
            _rotate(c.study, c.previous, c.head, c.deadline, c.signature);
        } else if (c.kind == Kind.Erase) {
            _erase(c.study, c.previous, c.deadline, c.signature);
        } else {
            _opened(c.study, _only(c).grantId, c.deadline, c.signature);
        }
    }

    /// @dev The single item of a change that is about one grant.
    function _only(Change calldata c) private pure returns (Item calldata) {
        if (c.items.length != 1) revert ItemsInvalid(c.study, c.items.length);
        return c.items[0];
    }

    function _publish(address study, bytes32 head, uint64 deadline, Signature calldata signature)
        private
    {
        _requireSigned(
            keccak256(abi.encode(PUBLISH_TYPEHASH, study, head, deadline)),
            study,
            deadline,
            signature
        );
        bytes32 stored = _heads[study];
        if (stored == TOMBSTONE) revert StudyErased(study);
        if (stored != NONE) revert AlreadyPublished(study);
        if (uint256(head) <= 1) revert HeadInvalid(study, head);
        _heads[study] = head;
        emit Published(study);
    }

    function _grant(
        address study,
        bytes32 previous,
        bytes32 head,
        address grantId,
        bytes32 commitment,
        uint64 deadline,
        Signature calldata signature
    ) private {
        _requireSigned(
            keccak256(
                abi.encode(GRANT_TYPEHASH, study, previous, head, grantId, commitment, deadline)
            ),
            study,
            deadline,
            signature
        );
        _replace(study, previous, head);
        emit Granted(study, grantId, commitment);
    }

    function _grantMany(
        address study,
        bytes32 previous,
        bytes32 head,
        Item[] calldata items,
        uint64 deadline,
        Signature calldata signature
    ) private {
        if (items.length == 0 || items.length > MOST_ITEMS) {
            revert ItemsInvalid(study, items.length);
        }
        bytes32 itemsHash = _hashItems(items);
        _requireSigned(
            keccak256(
                abi.encode(
                    GRANT_MANY_TYPEHASH,
                    study,
                    previous,
                    head,
                    itemsHash,
                    deadline
                )
            ),
            study,
            deadline,
            signature
        );
        _replace(study, previous, head);
        for (uint256 i = 0; i < items.length; i++) {
            Item calldata item = items[i];
            emit Granted(study, item.grantId, item.commitment);
        }
    }

    function _revoke(
        address study,
        bytes32 previous,
        bytes32 head,
        address grantId,
        uint64 deadline,
        Signature calldata signature
    ) private {
        _requireSigned(
            keccak256(abi.encode(REVOKE_TYPEHASH, study, previous, head, grantId, deadline)),
            study,
            deadline,
            signature
        );
        _replace(study, previous, head);
        emit Revoked(study, grantId);
    }

    function _rotate(
        address study,
        bytes32 previous,
        bytes32 head,
        uint64 deadline,
        Signature calldata signature
    ) private {
        _requireSigned(
            keccak256(abi.encode(ROTATE_TYPEHASH, study, previous, head, deadline)),
            study,
            deadline,
            signature
        );
        _replace(study, previous, head);
        emit Rotated(study);
    }

    function _erase(address study, bytes32 previous, uint64 deadline, Signature calldata signature)
        private
    {
        _requireSigned(
            keccak256(abi.encode(ERASE_TYPEHASH, study, previous, deadline)),
            study,
            deadline,
            signature
        );
        _requireCurrent(study, previous);
        _heads[study] = TOMBSTONE;
        emit Erased(study);
    }

    function _opened(address study, address grantId, uint64 deadline, Signature calldata signature)
        private
    {
        _requireSigned(
            keccak256(abi.encode(OPENED_TYPEHASH, study, grantId, deadline)),
            grantId,
            deadline,
            signature
        );
        _requireAlive(study, _heads[study]);
        emit Opened(study, grantId);
    }

    /// @dev EIP-712 of `Item[]`: the digest of the items' digests, one after the other.
    function _hashItems(Item[] calldata items) private pure returns (bytes32 hash) {
        bytes32[] memory hashes = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; i++) {
            Item calldata item = items[i];
            bytes32 typeHash = ITEM_TYPEHASH;
            address grantId = item.grantId;
            assembly ("memory-safe") {
                let free := mload(0x40)
                mstore(free, typeHash)
                mstore(add(free, 0x20), grantId)
                mstore(add(free, 0x40), calldataload(add(item, 0x20)))
                mstore(add(add(hashes, 0x20), shl(5, i)), keccak256(free, 0x60))
            }
        }
        assembly ("memory-safe") {
            hash := keccak256(add(hashes, 0x20), shl(5, mload(hashes)))
        }
    }

    /// @dev Moves a published study from `previous` to `head`. A sealing is fresh each time, so no
    /// word ever returns, and a message used once is out of date for ever.
    function _replace(address study, bytes32 previous, bytes32 head) private {
        _requireCurrent(study, previous);
        if (uint256(head) <= 1 || head == previous) revert HeadInvalid(study, head);
        _heads[study] = head;
    }

    function _requireCurrent(address study, bytes32 previous) private view {
        bytes32 stored = _heads[study];
        _requireAlive(study, stored);
        if (stored != previous) revert OutOfDate(study, previous, stored);
    }

    function _requireAlive(address study, bytes32 stored) private pure {
        if (stored == NONE) revert NotPublished(study);
        if (stored == TOMBSTONE) revert StudyErased(study);
    }

    /// @dev EIP-712. The domain is hashed anew each time: it holds on both sides of a fork, and the
    /// deployed code is the same on every network.
    function _requireSigned(
        bytes32 structHash,
        address signer,
        uint64 deadline,
        Signature calldata signature
    ) private view {
        if (deadline < block.timestamp) revert DeadlinePassed(deadline, block.timestamp);
        if (deadline > block.timestamp + LONGEST) revert DeadlineTooFar(deadline, block.timestamp);
        if (uint256(signature.s) > HALF_ORDER || (signature.v != 27 && signature.v != 28)) {
            revert MalformedSignature();
        }
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this))
        );
        address actual = ecrecover(
            keccak256(abi.encodePacked(hex"1901", domain, structHash)),
            signature.v,
            signature.r,
            signature.s
        );
        if (actual == address(0)) revert MalformedSignature();
        if (actual != signer) revert WrongSigner(signer, actual);
    }
}
