// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @notice A contract wallet of the tests: pays for whatever it is told to call.
contract Purse {
    function pay(address to, bytes calldata data) external {
        (bool isDone, bytes memory answer) = to.call(data);
        if (!isDone) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
    }
}
