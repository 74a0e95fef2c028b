from support.keys import quick_keys as quick_keys
