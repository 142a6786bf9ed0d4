-- The older name of skynet.socketchannel.
return require "skynet.socketchannel"
