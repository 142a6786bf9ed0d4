local function failure(...) return (select(2, pcall(...))) end
print((""):len(), ("abc"):len(), ("a\0b"):len(), string.len(1234), string.len("é"), string.len(-0.5))
print(#"", #"abc", #"a\0b\0")
print(failure(string.len))
print(failure(string.len, {}))
print(failure(string.len, nil))
print(failure(string.len, true))
