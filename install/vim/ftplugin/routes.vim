" Vim filetype plugin: routes.def of Gatewright. `:make` checks the file.
if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1

setlocal comments=:# commentstring=#\ %s
setlocal include=^\\s*include
setlocal makeprg=gatewright\ check\ %:S
setlocal errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %tote:\ %m,%-G%.%#

let b:undo_ftplugin = 'setlocal comments< commentstring< include< makeprg< errorformat<'
