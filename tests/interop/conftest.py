from support.node_process import node as node
