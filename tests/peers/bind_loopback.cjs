// Loaded before a program that listens on all interfaces: makes it listen on this machine only.
const net = require("node:net");
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (first, ...rest) {
  if (typeof first === "number") return listen.call(this, first, "127.0.0.1", ...rest.filter((item) => typeof item === "function"));
  if (first && typeof first === "object" && "port" in first) return listen.call(this, { ...first, host: "127.0.0.1" }, ...rest);
  return listen.call(this, first, ...rest);
};
