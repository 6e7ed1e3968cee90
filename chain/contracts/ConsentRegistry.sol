// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title ConsentRegistry
/// @notice Orders the heads of each study and keeps the log of consents given and withdrawn.
/// @dev One storage word a study, for ever: the masked digest of its head. A study's id is the
/// address of its key, and only that key's signature changes the word, whoever pays.
/// Holds no personal data. Has no owner, no upgrade, no Ether, no constructor, no external call
/// but to the precompile `ecrecover`, no state beside the words, and does not know `msg.sender`.
/// Each function checks in this order: the items' count, the deadline, the signature's form, its
/// signer, the stored word, the new word. It then writes, and last emits.
contract ConsentRegistry {
    /// @notice One consent as the chain sees it.
    /// @param grantId Address of a one-off key that only the patient and the grantee hold.
    /// @param commitment Salted hash of the consent's terms.
    struct Item {
        address grantId;
        bytes32 commitment;
    }

    /// @notice A secp256k1 signature with a low `s`: of 65 bytes, or compact of 64 (ERC-2098).
    /// @param r The first 32 bytes of either.
    /// @param s The second 32 bytes: of a compact one, the recovery bit above `s`.
    /// @param v The last byte, 27 or 28; 0 of a compact one.
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
    /// @param kind Which of the functions of this contract it stands for.
    /// @param study Id of the study.
    /// @param previous The word that it replaces.
    /// @param head The new word.
    /// @param items One for Grant, 1 to 16 for GrantMany; one for Revoke and Opened, whose
    /// commitment is ignored.
    /// @param deadline Unix time after which it is refused.
    /// @param signature Of the study key, for Opened of the grant key.
    struct Change {
        Kind kind;
        address study;
        bytes32 previous;
        bytes32 head;
        Item[] items;
        uint64 deadline;
        Signature signature;
    }

    /// @notice The message is no longer valid.
    /// @param deadline Its deadline.
    /// @param nowAt The block's time.
    error DeadlinePassed(uint64 deadline, uint256 nowAt);

    /// @notice The message would be valid for more than 24 hours.
    /// @param deadline Its deadline.
    /// @param nowAt The block's time.
    error DeadlineTooFar(uint64 deadline, uint256 nowAt);

    /// @notice `s` is not low, `v` is none of 0, 27 and 28, or nobody can have signed this.
    /// @param expected Who should have signed.
    /// @param r As given.
    /// @param s As given.
    /// @param v As given.
    error MalformedSignature(address expected, bytes32 r, bytes32 s, uint8 v);

    /// @notice Somebody else signed, or something else was signed.
    /// @param expected Who should have signed.
    /// @param actual Who did sign, if it was this message.
    error WrongSigner(address expected, address actual);

    /// @notice 0, 1 and the previous word cannot be a new word.
    /// @param study Id of the study.
    /// @param head The word that was to be the new one.
    error HeadInvalid(address study, bytes32 head);

    /// @notice Only the first head is published.
    /// @param study Id of the study.
    /// @param stored Its word.
    error AlreadyPublished(address study, bytes32 stored);

    /// @notice The study has no head yet.
    /// @param study Id of the study.
    error NotPublished(address study);

    /// @notice Nothing follows the tombstone.
    /// @param study Id of the study.
    error StudyErased(address study);

    /// @notice The study has moved on since the message was signed.
    /// @param study Id of the study.
    /// @param previous The word that the message replaces.
    /// @param stored The study's word.
    error OutOfDate(address study, bytes32 previous, bytes32 stored);

    /// @notice A grant is of 1 to 16 items; in a batch, what is about one grant has one item.
    /// @param study Id of the study.
    /// @param count How many items were given.
    error ItemsInvalid(address study, uint256 count);

    /// @notice The study has its first head.
    /// @param study Id of the study.
    event Published(address indexed study);

    /// @notice A new head lets one more read, on the terms behind `commitment`.
    /// @param study Id of the study.
    /// @param grantId Id of the grant.
    /// @param commitment Salted hash of its terms.
    event Granted(address indexed study, address indexed grantId, bytes32 commitment);

    /// @notice A new head no longer has this grant's envelope.
    /// @param study Id of the study.
    /// @param grantId Id of the grant.
    event Revoked(address indexed study, address indexed grantId);

    /// @notice New keys and new ciphertext for the same readers.
    /// @param study Id of the study.
    event Rotated(address indexed study);

    /// @notice The study is erased.
    /// @param study Id of the study.
    event Erased(address indexed study);

    /// @notice The holder of the grant's key reports that the study was opened.
    /// @param study Id of the study.
    /// @param grantId Id of the grant.
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
    /// @dev The only loop over what a caller gives at will; a caller of a view pays for it alone.
    /// @param studies Ids of the studies.
    /// @return words One word each, in their order.
    function heads(address[] calldata studies) external view returns (bytes32[] memory words) {
        words = new bytes32[](studies.length);
        for (uint256 i = 0; i < studies.length; i++) words[i] = _heads[studies[i]];
    }

    /// @notice Gives a study its first head. Signed by the study key.
    /// @param study Id of the study: the address of its key.
    /// @param head The first word: not 0 or 1.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
    function publish(address study, bytes32 head, uint64 deadline, Signature calldata signature)
        external
    {
        _publish(study, head, deadline, signature);
    }

    /// @notice Lets one more read. Signed by the study key.
    /// @param study Id of the study: the address of its key.
    /// @param previous The word that it replaces; otherwise OutOfDate.
    /// @param head The new word: not 0, 1 or `previous`.
    /// @param grantId Address of the grant's one-off key.
    /// @param commitment Salted hash of the consent's terms.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
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
    /// @param study Id of the study: the address of its key.
    /// @param previous The word that it replaces; otherwise OutOfDate.
    /// @param head The new word: not 0, 1 or `previous`.
    /// @param items The grants.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
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
    /// @param study Id of the study: the address of its key.
    /// @param previous The word that it replaces; otherwise OutOfDate.
    /// @param head The new word: not 0, 1 or `previous`.
    /// @param grantId Address of the grant's one-off key.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
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
    /// @param study Id of the study: the address of its key.
    /// @param previous The word that it replaces; otherwise OutOfDate.
    /// @param head The new word: not 0, 1 or `previous`.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
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
    /// @param study Id of the study: the address of its key.
    /// @param previous The word that it replaces; otherwise OutOfDate.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the study key over the EIP-712 message of this name.
    function erase(address study, bytes32 previous, uint64 deadline, Signature calldata signature)
        external
    {
        _erase(study, previous, deadline, signature);
    }

    /// @notice Reports that a study was opened. Signed by the grant key, whose address `grantId` is.
    /// @dev A report, not a proof, and stateless: it may come again until its deadline, for a grant
    /// that never was or no longer is. Readers count the first one of a grant they know.
    /// @param study Id of the study, which has a head and is not erased.
    /// @param grantId Address of the grant's one-off key.
    /// @param deadline Unix time after which it is refused; at most 24 hours ahead.
    /// @param signature Of the grant key over the EIP-712 message of this name.
    function opened(address study, address grantId, uint64 deadline, Signature calldata signature)
        external
    {
        _opened(study, grantId, deadline, signature);
    }

    /// @notice Applies several changes in their order, all or none.
    /// @dev As many as the caller pays for; each by its own signature, whoever the caller is.
    /// @param changes The changes.
    function batch(Change[] calldata changes) external {
        for (uint256 i = 0; i < changes.length; i++) _apply(changes[i]);
    }

    /// @notice The EIP-712 domain of this contract on this chain. Source: ERC-5267.
    /// @return Which of the values count: 0x0f, the first four.
    /// @return The name, Rayfolio.
    /// @return The version, 1.
    /// @return The chain's id now, also after a fork.
    /// @return This contract.
    /// @return No salt.
    /// @return No extensions.
    function eip712Domain()
        external
        view
        returns (
            bytes1,
            string memory,
            string memory,
            uint256,
            address,
            bytes32,
            uint256[] memory
        )
    {
        return (
            0x0f,
            "Rayfolio",
            "1",
            block.chainid,
            address(this),
            NONE,
            new uint256[](0)
        );
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
        if (stored != NONE) revert AlreadyPublished(study, stored);
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
    /// deployed code is the same on every network. No ERC-1271: a study's id is the address of a
    /// key, and no contract can lie at it.
    function _requireSigned(
        bytes32 structHash,
        address signer,
        uint64 deadline,
        Signature calldata signature
    ) private view {
        if (deadline < block.timestamp) revert DeadlinePassed(deadline, block.timestamp);
        if (deadline > block.timestamp + LONGEST) revert DeadlineTooFar(deadline, block.timestamp);
        uint256 s = uint256(signature.s);
        uint8 v = signature.v;
        if (v == 0) {
            v = uint8(27 + (s >> 255));
            s &= type(uint256).max >> 1;
        }
        if (s > HALF_ORDER) _refuse(signer, signature);
        bytes32 domain = keccak256(
            abi.encode(DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH, block.chainid, address(this))
        );
        address actual = ecrecover(
            keccak256(abi.encodePacked(hex"1901", domain, structHash)),
            v,
            signature.r,
            bytes32(s)
        );
        // Also of any other `v`: `ecrecover` answers nothing unless it is 27 or 28.
        if (actual == address(0)) _refuse(signer, signature);
        if (actual != signer) revert WrongSigner(signer, actual);
    }

    function _refuse(address signer, Signature calldata signature) private pure {
        revert MalformedSignature(signer, signature.r, signature.s, signature.v);
    }
}
