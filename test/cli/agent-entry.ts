import { agent } from "../../src/cli/agent.ts";

process.exit(await agent.run(process.argv.slice(3)));
