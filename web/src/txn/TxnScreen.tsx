export default function TxnScreen() {
  return null;
}
