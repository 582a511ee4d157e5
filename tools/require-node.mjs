// Runs on any Node, so that an old one is told what to do instead of failing on the first type annotation.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `This project runs on Node 24 or newer; this is Node ${process.versions.node}.\n` +
      'On Linux (x64, arm64) "npm ci" brings Node 24 with it: run the command through npm, after "npm ci" without --omit=optional.\n' +
      'Elsewhere install Node 24 (https://nodejs.org) and run it again.\n',
  );
  process.exit(1);
}
