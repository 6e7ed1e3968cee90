// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice What a consent registry costs, and tells everybody, when it keeps strings by their
/// owner. Only measured against, in test_gas.py and docs/contract.md; never deployed.
contract Naive {
    struct Consent {
        string purpose;
        string expires;
        bool isActive;
    }

    mapping(address owner => mapping(string study => string cid)) private _heads;
    mapping(address owner => mapping(string study => mapping(string grantee => Consent))) private _consents;

    event Changed(address indexed owner, string study, string grantee);

    function publish(string calldata study, string calldata cid) external {
        _heads[msg.sender][study] = cid;
        emit Changed(msg.sender, study, "");
    }

    function grant(
        string calldata study,
        string calldata cid,
        string calldata grantee,
        string calldata purpose,
        string calldata expires
    ) external {
        _heads[msg.sender][study] = cid;
        _consents[msg.sender][study][grantee] = Consent(purpose, expires, true);
        emit Changed(msg.sender, study, grantee);
    }

    function revoke(string calldata study, string calldata cid, string calldata grantee) external {
        _heads[msg.sender][study] = cid;
        delete _consents[msg.sender][study][grantee];
        emit Changed(msg.sender, study, grantee);
    }
}
