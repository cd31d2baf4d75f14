-- What visitors do, for wrk: most read, some write. Arguments: how many posts there are, then a cookie and a token for
-- each visitor who is logged in.

local threads, visitors, posts = {}, {}, 0
answers = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set("number", #threads)
end

function init(args)
  posts = tonumber(args[1])
  for at = 2, #args, 2 do
    visitors[#visitors + 1] = { cookie = args[at], token = args[at + 1] }
  end
  math.randomseed(number)
end

local function read(path)
  return wrk.format("GET", path, { Cookie = "blog=" .. visitors[math.random(#visitors)].cookie })
end

local function write(path, fields)
  local visitor = visitors[math.random(#visitors)]
  local headers = { Cookie = "blog=" .. visitor.cookie, ["Content-Type"] = "application/x-www-form-urlencoded" }
  return wrk.format("POST", path, headers, "token=" .. visitor.token .. "&" .. fields)
end

function request()
  local post, dice = math.random(posts), math.random(200)
  if dice <= 60 then return read("/") end
  if dice <= 110 then return read("/posts/" .. post) end
  if dice <= 130 then return read("/tags/load") end
  if dice <= 150 then return read("/api/posts?per_page=20") end
  if dice <= 180 then return write("/posts/" .. post .. "/comments", "text=Said+under+load.") end
  if dice <= 198 then return write("/posts", "title=Under+load&content=Written+by+many.&tags=load%2C+many") end
  return write("/login", "username=ada&password=realgar-demo")
end

function response(status)
  answers[status] = (answers[status] or 0) + 1
end

function done()
  local all = {}
  for _, thread in ipairs(threads) do
    for status, count in pairs(thread:get("answers")) do all[status] = (all[status] or 0) + count end
  end
  for status, count in pairs(all) do print("Answers: " .. status .. " " .. count) end
end
