" Files of Gatewright's routes: Vim itself takes *.def for Windows' module definitions.
autocmd BufNewFile,BufRead routes.def set filetype=routes
autocmd BufNewFile,BufRead *.def if search('\v^\s*((GET|POST|PUT|PATCH|DELETE)\s+/|(entity|table|body)\s+[a-z])', 'cnw', 200) | set filetype=routes | endif
