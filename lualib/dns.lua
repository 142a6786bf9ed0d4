-- The older name of skynet.dns.
return require "skynet.dns"
