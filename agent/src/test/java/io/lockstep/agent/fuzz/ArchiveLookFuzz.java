package io.lockstep.agent.fuzz;

import io.lockstep.agent.gateway.Content;
import io.lockstep.agent.gateway.ContentCheck;
import io.lockstep.agent.gateway.FileFormat;
import io.lockstep.agent.gateway.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/** Any bytes are a whole archive or not, and what is one the Gateway's library opens. */
public final class ArchiveLookFuzz {
    private ArchiveLookFuzz() {}

    /** Called by the fuzzer with each input. */
    public static void fuzzerTestOneInput(byte[] input) throws IOException {
        var content = Content.of(input);
        var verdict = ContentCheck.check(FileFormat.ARCHIVE, content);
        var application = ContentCheck.check(FileFormat.CARBON_APPLICATION, content);
        if (verdict instanceof Verdict.Invalid && !(application instanceof Verdict.Invalid)) {
            throw new IllegalStateException("a carbon application that is no archive");
        }
        if (verdict instanceof Verdict.Valid) {
            // The fuzzer's own directory is the current one, and goes with the test.
            mustOpen(Files.write(Path.of("archive.zip"), input));
        }
    }

    private static void mustOpen(Path file) throws IOException {
        try (var zip = new ZipFile(file.toFile())) {
            zip.stream().forEach(entry -> {});
        } catch (IOException e) {
            // Newer JDKs look at extra fields, older ones do not.
            if (!String.valueOf(e.getMessage()).contains("extra")) {
                throw new IllegalStateException("the library does not open it", e);
            }
        }
    }
}
