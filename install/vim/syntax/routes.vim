" Vim syntax: routes.def of Gatewright.
if exists('b:current_syntax')
  finish
endif

" Every word is a name, unless it is a word of the language where it stands.
syntax match routesName "\v<[A-Za-z_\x80-\uffff][A-Za-z0-9_\x80-\uffff]*>"
syntax match routesNumber "\v-?<[0-9]+(\.[0-9]+)?>"
syntax match routesQuantity "\v<[0-9]+[A-Za-z_][A-Za-z0-9_]*>"
syntax match routesDelimiter "[][(){},;:]"
syntax match routesOperator "[=|.?]"
syntax match routesRange "\.\."

" Types, and what stands behind them. All are matches: where two begin, the later one holds.
syntax match routesType "\v<(int|uint|text|bool|real|decimal|time|date|blob|json|email|uuid|uri|hostname|ip|map|file)>"
syntax match routesModifier "\v<(key|claim|auto|unique|optional|secret|max|references|revokes|bytes|above|below|rest)>"
syntax match routesModifier "\v<(existing|nocase|quoted|touched|was|default|now|random|true|false|on|delete|cascade|not|null|or\ze\s+null|index)>"
syntax match routesModifier "\v<(blocks|when|one|of|like|many|exec|as|at|by|open|mysql|sqlite|audience|keys)>"
syntax match routesModifier "\v(^\s*api\s.*)@200<=<(version|server|license)>"
syntax match routesModifier "\v<(access|refresh|longest|strict|cookie|voids|patch\s+of)>"
syntax match routesHandler "\v\@[a-z_]+>"
syntax match routesUnit "\v<(days|hours|minutes|seconds|credentials|per|second|minute|hour|day|every|by\s+(address|caller|body\ze\.))>"
syntax match routesAccess "\v<(ignored|whitelisted|authorized|guest)>"
syntax match routesAttribute "\v<(query_token|bound|limit|timeout|scope|own|returns|sets\s+session|else|rate|shared|ticket|tag|deprecated|sunset|accept|type)>"
syntax match routesMe "\v(\=\s*)@40<=me>"

" A column, a member or a parameter begins with its name, whatever it is called.
syntax match routesMember "\v(^\s+|[{;(,]\s*)@40<=<[a-z][a-z0-9_]{0,63}>\ze\s+(\[|[a-z])"

" Inputs of a handler; statements begin a line, routes begin with a method.
syntax match routesInput "\v([(,]\s*)@40<=(form|query|header)\ze\s+[a-z]"
syntax match routesInput "\v([(,]\s*)@40<=raw\ze\s*[,)]"
syntax match routesInput "\v(,\s*)@40<=faults\ze\s*[,)]"
syntax match routesStatement "\v^\s*\zs(prefix|expire|cors|cookie|names\s+camel|slash\s+(exact|redirect|either)|include|api|tag|entity|table|body|issuer|session|ticket|job|problem|sql)>"
syntax match routesMethod "\v^\s*\zs(GET|POST|PUT|PATCH|DELETE)>"

" Paths: from a slash to the next blank, with parameters in braces.
syntax match routesPath +/\([^ \t#{]\|{[a-z0-9_]*:like "\([^"\\]\|\\.\)*"\|{\)*+ contains=routesParameter
syntax match routesParameter +{\([a-z0-9_]*:like "\([^"\\]\|\\.\)*"\|[^}]*\)}+ contained contains=routesParameterType,routesParameterBrace,routesParameterPipe,routesParameterLike
syntax match routesParameterLike +like "\([^"\\]\|\\.\)*"+ contained contains=routesParameterText
syntax match routesParameterText +"\([^"\\]\|\\.\)*"+ contained
syntax match routesParameterBrace "[{}]" contained
syntax match routesParameterPipe "[:|]" contained
syntax match routesParameterType "\v:@1<=(int|uint|uuid|date|slug|path)\ze\}" contained

syntax region routesString start=+"+ skip=+\\\\\|\\"+ end=+"+ oneline contains=routesEscape
syntax match routesEscape +\\["\\]+ contained
syntax match routesComment "#.*$" contains=@Spell,routesTodo
syntax match routesDescription "\v^\s*\zs##(\s.*)?$" contains=@Spell,routesTodo
syntax keyword routesTodo TODO FIXME XXX contained

" A statement of `sql` is SQL up to the end of its line; in parentheses, and behind a backslash, it goes on.
syntax region routesQuery start="\v(:\s*)@40<=<(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH|select|insert|update|delete|replace|with)>" skip="\v\\\s*\n" end="$" contains=@routesSQL
syntax region routesQuery matchgroup=routesDelimiter start="\v(:\s*)@40<=\(" end=")" contains=@routesSQL
syntax region routesSQLGroup matchgroup=routesDelimiter start="(" end=")" contained extend contains=@routesSQL
syntax match routesSQLWord "\v<[A-Za-z_][A-Za-z0-9_]*>" contained
syntax match routesSQLKeyword "\v<[A-Z]+>" contained
syntax match routesSQLOperator "[-+*/%=<>!|.,&~]" contained
syntax match routesBound "\v:[a-z][a-z0-9_]*" contained
syntax region routesSQLText start="'" skip="''" end="'" contained
syntax cluster routesSQL contains=routesSQLGroup,routesSQLWord,routesSQLKeyword,routesSQLOperator,routesSQLText,routesBound,routesNumber,routesComment

highlight default link routesName Identifier
highlight default link routesMember Identifier
highlight default link routesHandler Function
highlight default link routesNumber Number
highlight default link routesQuantity Number
highlight default link routesRange Operator
highlight default link routesDelimiter Delimiter
highlight default link routesOperator Operator
highlight default link routesPath Constant
highlight default link routesParameter Special
highlight default link routesParameterBrace Delimiter
highlight default link routesParameterPipe Operator
highlight default link routesParameterType Type
highlight default link routesParameterLike Type
highlight default link routesParameterText String
highlight default link routesStatement Statement
highlight default link routesMethod Keyword
highlight default link routesAccess StorageClass
highlight default link routesAttribute PreProc
highlight default link routesInput PreProc
highlight default link routesMe Special
highlight default link routesType Type
highlight default link routesModifier StorageClass
highlight default link routesUnit Number
highlight default link routesString String
highlight default link routesDescription SpecialComment
highlight default link routesEscape SpecialChar
highlight default link routesComment Comment
highlight default link routesTodo Todo
highlight default link routesQuery Statement
highlight default link routesSQLWord Identifier
highlight default link routesSQLKeyword Statement
highlight default link routesSQLOperator Operator
highlight default link routesSQLText String
highlight default link routesBound Special

let b:current_syntax = 'routes'
