package io.lockstep.agent.fuzz;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.Jazzer;
import io.lockstep.agent.config.ShareMarker;
import io.lockstep.agent.json.Json;
import io.lockstep.agent.mountio.FrameFuzz;
import io.lockstep.artifact.EntryPath;
import io.lockstep.cluster.LogEntry;
import io.lockstep.cluster.Mode;
import io.lockstep.cluster.NodeName;
import io.lockstep.cluster.Reason;
import io.lockstep.digest.Digest;
import io.lockstep.generation.Manifest;
import io.lockstep.generation.ManifestCodec;
import io.lockstep.generation.ManifestEntry;
import io.lockstep.mount.Beacon;
import io.lockstep.wire.LogPage;
import io.lockstep.wire.LogRecord;
import io.lockstep.wire.PullRequest;
import io.lockstep.wire.TrieQuestions;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.CRC32C;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Runs the fuzzer for a while on each parser of foreign bytes, in a JVM of its own. For longer:
 * {@code mvn -B verify -Dit.test=FuzzIT -Dlockstep.fuzz.runs=10000000 ...}, see docs/testing.md.
 */
class FuzzIT {
    private static final int RUNS = Integer.getInteger("lockstep.fuzz.runs", 20_000);
    private static final int MAX_INPUT_BYTES = 8192;

    @TempDir
    private Path directory;

    @Test
    void aManifestOfAnyBytesIsRefusedOrCanonical() throws Exception {
        var seeds = new ArrayList<byte[]>();
        for (int files = 0; files < 5; files++) {
            var entries = new ArrayList<ManifestEntry>(List.of(ManifestEntry.directory(EntryPath.of("server"), 0755)));
            for (int i = 0; i < files; i++) {
                var content = ("<api" + i + "/>").getBytes(UTF_8);
                entries.add(ManifestEntry.file(
                        EntryPath.of("server/a" + i), 0644, content.length, 1_000_000_007L * i, Digest.of(content)));
            }
            seeds.add(ManifestCodec.encode(new Manifest(entries)));
        }
        fuzz(ManifestFuzz.class, RUNS, seeds);
    }

    @Test
    void aMessageOfAnyBytesIsRefusedOrWhole() throws Exception {
        var json = Json.mapper();
        var mode = new LogEntry.ModeChange(
                1, 1, Instant.EPOCH, Mode.SHARED, Reason.SHARE_EQUAL, new NodeName("gw1"), Optional.empty());
        var record = LogRecord.of(mode);
        var root = Digest.of(new byte[0]);
        fuzz(
                PeerJsonFuzz.class,
                RUNS,
                List.of(
                        tagged(1, json.writeValueAsBytes(new LogPage(List.of(record)))),
                        tagged(2, json.writeValueAsBytes(record)),
                        tagged(3, json.writeValueAsBytes(new PullRequest(root, "server", List.of(EntryPath.of("a"))))),
                        tagged(4, json.writeValueAsBytes(new TrieQuestions(root, List.of("0f")))),
                        tagged(0, "{\"member\":{},\"hints\":[]}".getBytes(UTF_8)),
                        tagged(5, "{\"answers\":[]}".getBytes(UTF_8))));
    }

    @Test
    void aConfigurationOfAnyBytesIsRefusedWithARemedyOrLoads() throws Exception {
        fuzz(
                ConfigurationFuzz.class,
                RUNS / 20,
                List.of(Files.readAllBytes(Path.of("../conf/lockstep.yml")), "node: {name: a}".getBytes(UTF_8)));
    }

    @Test
    void aMarkerOrABeaconOfAnyBytesIsNoneOrWhatItSays() throws Exception {
        var share = Files.createDirectory(directory.resolve("share"));
        var marker = new ShareMarker(share);
        marker.write("prod");
        fuzz(
                MarkerFuzz.class,
                RUNS,
                List.of(
                        Files.readAllBytes(marker.file()),
                        new Beacon(new NodeName("gw1"), 5, 7).text().getBytes(UTF_8)));
    }

    @Test
    void xmlOfAnyBytesIsWellFormedOrHeldBack() throws Exception {
        var entities = "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'><!ENTITY y '&x;&x;'>]><a b='&y;'>&y;</a>";
        var api = "<api xmlns=\"http://ws.apache.org/ns/synapse\" name=\"a\" version='1'><inSequence><!-- c -->"
                + "<send><endpoint key=\"e\"/></send><![CDATA[<a>&]]>&amp;&#x41;</inSequence></api>";
        fuzz(
                XmlLookFuzz.class,
                RUNS,
                List.of(
                        api.getBytes(UTF_8),
                        ("<?xml version=\"1.0\" encoding=\"UTF-16\"?>" + api).getBytes(UTF_16),
                        entities.getBytes(UTF_8)));
    }

    @Test
    void anArchiveOfAnyBytesIsWholeOrHeldBack() throws Exception {
        var stored = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(stored)) {
            zip.setMethod(ZipOutputStream.STORED);
            var entry = new ZipEntry("artifacts.xml");
            entry.setSize(4);
            var crc = new CRC32();
            crc.update("<a/>".getBytes(UTF_8));
            entry.setCrc(crc.getValue());
            zip.putNextEntry(entry);
            zip.write("<a/>".getBytes(UTF_8));
        }
        var packed = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(packed)) {
            zip.setComment("PK\005\006");
            for (var name : List.of("artifacts.xml", "../out", "a/")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(name.endsWith("/") ? new byte[0] : "<artifacts/>".getBytes(UTF_8));
            }
        }
        fuzz(ArchiveLookFuzz.class, RUNS, List.of(stored.toByteArray(), packed.toByteArray()));
    }

    @Test
    void framesOfAnyBytesAreRefusedOrSaySomething() throws Exception {
        fuzz(FrameFuzz.class, RUNS, FrameFuzz.seeds());
    }

    @Test
    void aDecisionLogOfAnyBytesIsRefusedOrOpens() throws Exception {
        var entry = new LogEntry.ModeChange(
                1, 1, Instant.EPOCH, Mode.HOLD, Reason.NO_GENERATION, new NodeName("gw1"), Optional.empty());
        var json = Json.mapper().writeValueAsBytes(LogRecord.of(entry));
        var crc = new CRC32C();
        crc.update(json);
        var line = String.format("%08x %s\n", crc.getValue(), new String(json, UTF_8));
        fuzz(DecisionLogFuzz.class, RUNS / 10, List.of(line.getBytes(UTF_8), "00000000 {}\n".getBytes(UTF_8)));
    }

    private static byte[] tagged(int tag, byte[] json) {
        var out = new ByteArrayOutputStream();
        out.write(tag);
        out.writeBytes(json);
        return out.toByteArray();
    }

    private void fuzz(Class<?> target, int runs, List<byte[]> seeds) throws IOException, InterruptedException {
        var corpus = Files.createDirectories(directory.resolve("corpus"));
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        var output = directory.resolve("fuzzer.log").toFile();
        var process = new ProcessBuilder(command(target, runs, corpus))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start();
        process.getOutputStream().close();

        int exit = process.waitFor();

        assertThat(exit).as(() -> lastLines(output)).isZero();
        assertThat(Files.readString(output.toPath())).contains("Done " + runs + " runs");
    }

    private static List<String> command(Class<?> target, int runs, Path corpus) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                Jazzer.class.getName(),
                "--target_class=" + target.getName(),
                "--instrumentation_includes=io.lockstep.**",
                "--custom_hook_includes=io.lockstep.**",
                "-runs=" + runs,
                "-seed=1",
                "-max_len=" + MAX_INPUT_BYTES,
                "-rss_limit_mb=0",
                "-timeout=20",
                "-artifact_prefix=" + corpus.resolveSibling("finding-"),
                corpus.toString());
    }

    private static String lastLines(File output) {
        try {
            var lines = Files.readAllLines(output.toPath());
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 60), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
