"""Everything that a life imports, so that its parent has it loaded. Nothing here opens a connection."""

import gateway.commands.processes
import gateway.conversations.jobs
import gateway.deliveries.jobs
import gateway.models
import gateway.routing.jobs
import web

assert gateway and web
