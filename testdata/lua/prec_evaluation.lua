-- Short circuits, and the order in which calls happen.
local log = {}
local function t(n, v) log[#log + 1] = n return v end
local function flush() print(table.concat(log, " ")) log = {} end
local _ = t("a", nil) and t("b", 1) flush()
_ = t("a", 1) or t("b", 1) flush()
_ = t("a", false) or t("b", nil) or t("c", 3) flush()
_ = t("a", 1) and t("b", false) and t("c", 3) flush()
_ = (t("a", 1) and t("b", nil)) or t("c", 1) flush()
_ = t("a", 1) + t("b", 2) * t("c", 3) flush()
_ = t("a", "x") .. t("b", "y") .. t("c", "z") flush()
_ = {t("a", 1), t("b", 2), k = t("c", 3), [t("d", 4)] = t("e", 5)} flush()
_ = math.max(t("a", 1), t("b", 2), t("c", 3)) flush()
local o = {m = function(self, ...) return select("#", ...) end}
print(o:m(t("a", 1), t("b", 2))) flush()
_ = not t("a", nil) and t("b", 1) flush()
if t("a", nil) then t("b") elseif t("c", 1) then t("d") else t("e") end flush()
while t("a", #log < 2) do end flush()
for i = t("a", 1), t("b", 2), t("c", 1) do t("i") end flush()
_ = t("a", 1) < t("b", 2) flush() _ = t("a", 2) > t("b", 1) flush()
return t("a"), t("b")
