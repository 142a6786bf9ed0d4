-- What the compiler says of labels and jumps to them.
local function try(source) local f, message = load(source, "=s") print(f and "legal" or message) end
try [[goto l1; local aa ::l1:: ::l2:: print(3)]]
try [[do ::l1:: end goto l1; local aa]]
try [[::l1:: ::l1::]]
try [[::l1:: do ::l1:: end]]
try [[goto l1; do ::l1:: end]]
try [[goto l1; local aa; ::l1::]]
try [[goto l1; local aa; ::l1:: ;]]
try [[goto l1; local aa; ::l1:: ::l2:: ;;]]
try [[goto l1; local aa; ::l1:: print(1)]]
try [[break]]
try [[do break end]]
try [[while true do local function f() break end end]]
try [[goto = 1]]
try [[::goto::]]
try [[:: x]]
try [[::x:]]
try [[goto 1]]
try [[repeat if x then goto cont end; local xuxu = 10; ::cont:: until xuxu < x]]
try [[repeat if x then goto cont end; local xuxu = 10; ::cont:: ; until xuxu < x]]
try [[repeat local x; goto cont; local y ::cont:: until y]]
try [[for i=1,2 do goto continue; local x ::continue:: end]]
try [[for i=1,2 do goto continue; local x ::continue:: x=1 end]]
try [[if a then goto x end ::x:: return 1 ::y::]]
try [[return goto x]]
try [[while x do goto out end local y ::out:: y=1]]
try [[goto f function f() ::f:: end]]
try("goto l1\n\n\nlocal a\n\n::l1:: a=1")
try("\n\n::l1::\n\n::l1::")
try("while 1 do\n goto\n nowhere\n end")
try(("goto a "):rep(3).."local x ::a:: print(x)")
try("::a:: local b goto a; return b")
try("do goto x end do ::x:: end")
try("if 1 then ::x:: else goto x end")
try("goto x; ::y:: local a; ::x:: ::z:: do end")
try(" ::a:: ::b:: goto c ::c:: return ::d::")
