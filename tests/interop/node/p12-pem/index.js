module.exports = () => {
  throw new Error("p12-pem is left out of these tests");
};
