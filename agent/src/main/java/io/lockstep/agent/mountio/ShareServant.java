package io.lockstep.agent.mountio;

import io.lockstep.agent.mountio.ShareService.ScanReport;
import io.lockstep.agent.mountio.ShareService.ScannedTree;
import io.lockstep.artifact.EntryPath;
import io.lockstep.digest.Finding;
import io.lockstep.digest.FindingCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Has a {@link ShareService} answer the calls: makes values of bodies, and parts of what it says. */
final class ShareServant implements ChildLane.Answering {
    private final ShareService service;
    private final HeldTables tables = new HeldTables();

    ShareServant(ShareService service) {
        this.service = service;
    }

    @Override
    public void answer(Operation operation, MessageInput body, CallAnswer answer) throws IOException {
        switch (operation) {
            case PROBE -> {
                var order = ProbeMessage.Order.read(body);
                for (var sight : service.probe(order.beacon(), order.peers())) {
                    answer.part(MessageOutput.bytesOf(out -> ProbeMessage.write(sight, out)));
                }
            }
            case SCAN -> scan(body, answer);
            case STAGE -> {
                var staged = service.stage(StageMessage.readOrder(body));
                answer.part(MessageOutput.bytesOf(out -> StageMessage.write(staged, out)));
            }
            case WRITE -> {
                var written = service.write(WriteMessage.readOrder(body));
                answer.part(MessageOutput.bytesOf(out -> WriteMessage.write(written, out)));
            }
        }
    }

    private void scan(MessageInput body, CallAnswer answer) throws IOException {
        var order = tables.readOrder(body);
        var report = new Report(answer);
        var problem = service.scan(order, report);
        answer.part(
                problem.map(ScanMessage::failed).orElseGet(() -> ScanMessage.done(answer.entries(), answer.bytes())));
    }

    /** Gathers findings of a tree into parts of some size, so that neither many small ones travel nor all are held. */
    private static final class Report implements ScanReport {
        private static final int PART_BYTES = 32 * 1024;

        private final CallAnswer answer;
        private final ByteBuffer findings = ByteBuffer.allocate(PART_BYTES + FindingCodec.MAX_BYTES);
        private String tree = "";

        Report(CallAnswer answer) {
            this.answer = answer;
        }

        @Override
        public void progress(long entries, long bytes) {
            answer.progress(entries, bytes);
        }

        @Override
        public synchronized void found(String of, Finding finding) {
            if (!of.equals(tree)) {
                flush();
                tree = of;
            }
            FindingCodec.write(finding, findings);
            if (findings.position() >= PART_BYTES) {
                flush();
            }
        }

        @Override
        public synchronized void severed(String of, EntryPath directory) {
            part(ScanMessage.severed(of, directory));
        }

        @Override
        public synchronized void scanned(String of, ScannedTree scanned) {
            flush();
            part(ScanMessage.scanned(of, scanned));
        }

        private void flush() {
            if (findings.position() > 0) {
                part(ScanMessage.found(tree, findings));
                findings.clear();
            }
        }

        private void part(byte[] payload) {
            try {
                answer.part(payload);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
