// Writes consent-ethers.json: every consent message as ethers signs it, a second implementation.
// Run after a change of the contract's code, which changes its address:
//   npm install ethers@6.17.0 && node ethers.mjs CONTRACT >consent-ethers.json
import { createHash } from "node:crypto";
import { Signature, TypedDataEncoder, Wallet, version } from "ethers";

const contract = process.argv[2];
const sha256 = (text) => "0x" + createHash("sha256").update(text).digest("hex");
const word = (n) => sha256(`word ${n}`);
const domain = { name: "Rayfolio", version: "1", chainId: 31337, verifyingContract: contract };
const study = new Wallet(sha256("study of the vectors"));
const grants = [1, 2, 3].map((n) => new Wallet(sha256(`grant ${n} of the vectors`)));
const items = grants.slice(1).map((each, n) => ({ grantId: each.address, commitment: word(20 + n) }));
const deadline = 2_000_003_600;
const base = [["study", "address"]];
const change = [...base, ["previous", "bytes32"], ["head", "bytes32"]];
const about = [["grantId", "address"]];
const s = study.address;
const grantId = grants[0].address;
const messages = [
  ["Publish", [...base, ["head", "bytes32"]], { study: s, head: word(0) }],
  ["Grant", [...change, ...about, ["commitment", "bytes32"]],
    { study: s, previous: word(0), head: word(1), grantId, commitment: word(10) }],
  ["GrantMany", [...change, ["items", "Item[]"]],
    { study: s, previous: word(1), head: word(2), items }],
  ["Opened", [...base, ...about], { study: s, grantId }],
  ["Revoke", [...change, ...about], { study: s, previous: word(2), head: word(3), grantId }],
  ["Rotate", change, { study: s, previous: word(3), head: word(4) }],
  ["Erase", [...base, ["previous", "bytes32"]], { study: s, previous: word(4) }],
];

const rows = [];
for (const [name, fields, given] of messages) {
  const types = { [name]: [...fields, ["deadline", "uint64"]].map(([n, type]) => ({ name: n, type })) };
  if (name === "GrantMany") {
    types.Item = [{ name: "grantId", type: "address" }, { name: "commitment", type: "bytes32" }];
  }
  const message = { ...given, deadline };
  const signer = name === "Opened" ? grants[0] : study;
  const signature = await signer.signTypedData(domain, types, message);
  rows.push({
    name, message, signature, signer: signer.address,
    compact: Signature.from(signature).compactSerialized,
    digest: TypedDataEncoder.hash(domain, types, message),
  });
}
console.log(JSON.stringify({ source: `ethers ${version}`, domain, rows }, null, 1));
