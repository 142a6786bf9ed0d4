local crypt = require "skynet.crypt"
local md5 = require "md5"
local check = require "check"
local case = require "case"

case(function()
	check.equal(require "client.crypt" ~= nil and require "crypt" ~= nil, true)
	check.equal(crypt.base64encode "hello", "aGVsbG8=")
	check.equal(crypt.base64decode "aGVsbG8=", "hello")
	check.equal(crypt.hexencode(crypt.sha1 "abc"), "a9993e364706816aba3e25717850c26c9cd0d89d")
	check.equal(md5.sumhexa "abc", "900150983cd24fb0d6963f7d28e17f72")
	local a, b = crypt.randomkey(), crypt.randomkey()
	local secret = crypt.dhsecret(crypt.dhexchange(a), b)
	check.equal(secret, crypt.dhsecret(crypt.dhexchange(b), a))
	check.equal(crypt.desdecode(secret, crypt.desencode(secret, "text")), "text")
	check.equal(crypt.desdecode(secret, crypt.desencode(secret, "text", crypt.padding.pkcs7), crypt.padding.pkcs7), "text")
	check.equal(#crypt.hmac64(a, b), 8)
	check.raises("Invalid base64 text", crypt.base64decode, "a")
	check.equal(md5.decrypt(md5.crypt("message", "key"), "key"), "message")
end)
