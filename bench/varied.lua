-- 2,000 browser-like heads of five to seven fields in turn, over a set of URLs. Within X-Request-Id every
-- request of a run differs from all others, so no two heads of a run are the same octets.
-- The field with the changing value stands in the middle of some heads and at the end of others.
-- Arguments: the authority for Host, what every target begins with, how many URLs, a seed.
local HEADS = 2000
local before, after = {}, {}
local count = 0
local random, seed

-- Our own generator, so that every server is asked in the same order. Gives 0 to limit - 1.
local function generator(state)
   return function(limit)
      state = (state * 16807) % 2147483647
      return state % limit
   end
end

local function pick(list)
   return list[random(#list) + 1]
end

local accepts = {
   "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
   "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
   "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
   "image/webp,*/*", "text/css,*/*;q=0.1", "application/json, text/plain, */*", "*/*",
}
local languages = {
   "en-US,en;q=0.5", "en-GB,en;q=0.9", "de-DE,de;q=0.9,en;q=0.6", "fr-FR,fr;q=0.8,en-US;q=0.5,en;q=0.3",
   "es-ES,es;q=0.9", "pt-BR,pt;q=0.9,en;q=0.7", "ja,en-US;q=0.7,en;q=0.3", "pl", "nl-NL,nl;q=0.8", "sv-SE",
}
local systems = {
   "Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "X11; Ubuntu; Linux x86_64",
   "Macintosh; Intel Mac OS X 10_15_7", "iPhone; CPU iPhone OS 17_2 like Mac OS X", "Linux; Android 14; Pixel 8",
}

local function user_agent()
   local system, version = pick(systems), 90 + random(45)
   if random(3) == 0 then
      return "Mozilla/5.0 (" .. system .. "; rv:" .. version .. ".0) Gecko/20100101 Firefox/" .. version .. ".0"
   end
   return "Mozilla/5.0 (" .. system .. ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/" .. version
      .. ".0." .. random(6000) .. "." .. random(200) .. " Safari/537.36"
end

local function head(authority, target)
   local fields = {
      "Host: " .. authority,
      "User-Agent: " .. user_agent(),
      "Accept: " .. pick(accepts),
      "Accept-Language: " .. pick(languages),
   }
   local own = "X-Request-Id: "
   if random(2) == 0 then
      fields[#fields + 1] = own
      own = nil
   end
   if random(2) == 0 then
      fields[#fields + 1] = "Accept-Encoding: gzip, deflate, br"
   end
   if random(3) > 0 then
      fields[#fields + 1] = "Referer: https://www.example.com/page/" .. random(100000)
   end
   fields[#fields + 1] = own
   local text = "GET " .. target .. " HTTP/1.1\r\n" .. table.concat(fields, "\r\n") .. "\r\n\r\n"
   local _, cut = text:find("X-Request-Id: ", 1, true)
   return text:sub(1, cut), text:sub(cut + 1)
end

function init(args)
   local urls = tonumber(args[3])
   seed = args[4]
   random = generator(tonumber(seed))
   for index = 1, HEADS do
      before[index], after[index] = head(args[1], args[2] .. (index % urls))
   end
end

function request()
   count = count + 1
   local index = count % HEADS + 1
   return before[index] .. string.format("%08x-%s", count, seed) .. after[index]
end
