package io.lockstep.agent.gateway;

import static io.lockstep.agent.gateway.Archives.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;
import org.xml.sax.helpers.DefaultHandler;

/** Content that was cut, turned and made up to do harm: always a verdict, and never much memory. Seeded. */
class ContentFuzzTest {
    private static final int SEEDS = 5_000;
    private static final long MIB = 1024 * 1024;

    private static final String API = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- an API -->\n"
            + "<api xmlns=\"http://ws.apache.org/ns/synapse\" name=\"admin--a\" context=\"/a\" version=\"1\">\n"
            + "  <resource methods=\"GET\" uri-template=\"/{x}\"><inSequence><log level='full'/>"
            + "<payloadFactory><format><![CDATA[<a>&b</a>]]></format></payloadFactory>"
            + "<send><endpoint key=\"a--v1_APIproductionEndpoint\"/></send></inSequence></resource>&amp;&#x41;</api>\n";

    /** Seeds in a row give first numbers that are alike. */
    private static Random randomOf(int seed) {
        return new Random(seed * 0x9e3779b97f4a7c15L);
    }

    /** One to a few random changes: cut, turned bits, overwritten, doubled or removed parts, another's bytes. */
    private static byte[] mutated(byte[] original, Random random) {
        var bytes = original.clone();
        for (int changes = 1 + random.nextInt(3); changes > 0 && bytes.length > 1; changes--) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(bytes.length - at, 1 + random.nextInt(40));
            switch (random.nextInt(7)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes[at] = (byte) random.nextInt(256);
                case 3 -> Arrays.fill(bytes, at, at + length, (byte) (random.nextBoolean() ? 0 : 0xff));
                case 4 -> System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
                case 5 -> {
                    var shorter = Arrays.copyOf(bytes, bytes.length - length);
                    System.arraycopy(bytes, at + length, shorter, at, bytes.length - at - length);
                    bytes = shorter;
                }
                default -> bytes = Arrays.copyOf(bytes, bytes.length + length);
            }
        }
        return bytes;
    }

    @Test
    void xmlIsValidExactlyWhenAnotherParserTakesItWithoutADoctype() throws Exception {
        var factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        var builder = factory.newDocumentBuilder();
        builder.setErrorHandler(new DefaultHandler() {
            @Override
            public void fatalError(SAXParseException e) throws SAXParseException {
                throw e;
            }
        });
        int valid = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var content = mutated(bytes(API), randomOf(seed));

            var verdict = ContentCheck.check(FileFormat.XML, Content.of(content));

            boolean isTaken;
            try {
                builder.parse(new ByteArrayInputStream(content));
                isTaken = true;
            } catch (SAXException | IOException e) {
                isTaken = false;
            }
            assertThat(verdict instanceof Verdict.Valid)
                    .as("seed %d: %s", seed, verdict)
                    .isEqualTo(isTaken);
            valid += isTaken ? 1 : 0;
        }
        assertThat(valid).as("both outcomes were tried").isBetween(50, SEEDS - 50);
    }

    @Test
    void whatIsAValidArchiveTheGatewaysLibraryOpens(@TempDir Path directory) throws Exception {
        var file = directory.resolve("a.car");
        var whole = new byte[][] {Archives.application(), Archives.wide("artifacts.xml", bytes(Archives.ARTIFACTS))};
        int valid = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = randomOf(seed);
            var content = mutated(whole[seed % 2], random);

            if (ContentCheck.check(FileFormat.CARBON_APPLICATION, Content.of(content)) instanceof Verdict.Valid) {
                valid++;
                Files.write(file, content);
                try (var zip = new ZipFile(file.toFile())) {
                    assertThat(zip.getEntry("artifacts.xml"))
                            .as("seed %d", seed)
                            .isNotNull();
                } catch (IOException e) {
                    // Newer JDKs look at extra fields, older ones do not.
                    assertThat(e).as("seed %d", seed).hasMessageContaining("extra");
                }
            }
        }
        assertThat(valid).as("both outcomes were tried").isBetween(50, SEEDS - 50);
    }

    @Test
    void jsonPlansAndFactsNeverFail() throws Exception {
        var json = bytes("{\"name\": \"a\", \"payloadData\": [{\"name\": \"b\", \"type\": \"STRING\"}, 1.5e3, null]}");
        var plan = bytes("""
                /* a */ @Plan:name('a')
                define stream A (a string);
                from A[a == "b"]#window.time(1 min) select a, count(a) as c group by a insert into B;
                """);
        for (int seed = 0; seed < SEEDS; seed++) {
            var random = randomOf(seed);
            assertThat(ContentCheck.check(FileFormat.JSON, Content.of(mutated(json, random))))
                    .isNotNull();
            assertThat(ContentCheck.check(FileFormat.EXECUTION_PLAN, Content.of(mutated(plan, random))))
                    .isNotNull();
            assertThat(ApiReader.read(Content.of(mutated(bytes(API), random)))).isNotNull();
            var noise = new byte[random.nextInt(300)];
            random.nextBytes(noise);
            for (var kind : FileFormat.values()) {
                assertThat(ContentCheck.check(kind, Content.of(noise))).isNotNull();
            }
        }
    }

    /** What this thread has allocated for a check: an upper bound of what it had at once. */
    private static long allocatedBy(FileFormat kind, Content content) throws IOException {
        var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        assertThat(ContentCheck.check(kind, content)).isNotNull();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private static long allocatedBy(FileFormat kind, String text) throws IOException {
        return allocatedBy(kind, Content.of(bytes(text)));
    }

    @Test
    void entitiesAreNotExpandedAndNothingIsFetched() throws Exception {
        var bomb = new StringBuilder("<!DOCTYPE a [<!ENTITY e0 \"xxxxxxxxxx\">");
        for (int i = 1; i < 20; i++) {
            bomb.append("<!ENTITY e")
                    .append(i)
                    .append(" \"")
                    .append(("&e" + (i - 1) + ";").repeat(10))
                    .append("\">");
        }
        allocatedBy(FileFormat.XML, "<a/>");

        assertThat(allocatedBy(FileFormat.XML, bomb + "]><a>&e19;</a>")).isLessThan(4 * MIB);
        assertThat(allocatedBy(FileFormat.XML, bomb + "]><a b='&e19;'/>")).isLessThan(4 * MIB);
        assertThat(allocatedBy(FileFormat.XML, "<!DOCTYPE a SYSTEM 'file:///dev/zero'><a/>"))
                .isLessThan(4 * MIB);
        assertThat(allocatedBy(FileFormat.XML, "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///dev/zero'>]><a>&x;</a>"))
                .isLessThan(4 * MIB);
    }

    @Test
    void theLargestAndOddestXmlTakesSomeTimesItsSize() throws Exception {
        int room = XmlCheck.MAX_BYTES - 100;
        for (var text : new String[] {
            "<a b='" + "x".repeat(room) + "'/>",
            "<a><!--" + "x".repeat(room) + "--></a>",
            "<a>" + "x".repeat(room) + "</a>",
            "<a><?p " + "x".repeat(room) + "?></a>",
            "<a><![CDATA[" + "x".repeat(room) + "]]></a>",
            "<" + "x".repeat(room) + "/>",
            "<a>" + "<b/>".repeat(room / 4) + "</a>",
            "<a>".repeat(room / 3),
            "<a " + "b='' ".repeat(room / 5) + "/>",
            "<!DOCTYPE a [" + "<!ENTITY x 'y'>".repeat(room / 15) + "]><a/>",
            "\n".repeat(room) + "<a/>"
        }) {
            assertThat(allocatedBy(FileFormat.XML, text))
                    .as(text.substring(0, 12))
                    .isLessThan(160 * MIB);
        }
    }

    /** An archive that says it is {@code sizeBytes} long; what is not written is zero. */
    private static final class Claimed implements Content {
        private final long sizeBytes;
        private final byte[] tail;

        Claimed(long sizeBytes, byte[] tail) {
            this.sizeBytes = sizeBytes;
            this.tail = tail;
        }

        @Override
        public long sizeBytes() {
            return sizeBytes;
        }

        @Override
        public int read(long position, byte[] into, int offset, int length) {
            int count = (int) Math.max(0, Math.min(length, sizeBytes - position));
            for (int i = 0; i < count; i++) {
                long fromTail = position + i - (sizeBytes - tail.length);
                into[offset + i] = fromTail < 0 ? 0 : tail[(int) fromTail];
            }
            return count;
        }
    }

    @Test
    void whatAnArchiveClaimsOfItselfTakesNoMemory() throws Exception {
        var application = Archives.application();
        allocatedBy(FileFormat.CARBON_APPLICATION, Content.of(application));
        var end = Arrays.copyOfRange(application, application.length - 22, application.length);
        for (int seed = 0; seed < 300; seed++) {
            var random = randomOf(seed);
            // Entries, size and offset of the directory: whatever they are.
            for (int i = 8; i < 20; i++) {
                end[i] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt(256));
            }
            var claimed = new Claimed(1L << (10 + random.nextInt(40)), end.clone());

            assertThat(allocatedBy(FileFormat.CARBON_APPLICATION, claimed))
                    .as("seed %d", seed)
                    .isLessThan(MIB);
        }
    }

    @Test
    void anEntryThatUnpacksToManyTimesItsSizeTakesNoMemory() throws Exception {
        var packed = Archives.archive(java.util.Map.of("artifacts.xml", new byte[(int) (64 * MIB)]), "");
        assertThat(packed.length).isLessThan(100_000);

        assertThat(allocatedBy(FileFormat.CARBON_APPLICATION, Content.of(packed)))
                .isLessThan(8 * MIB);
    }
}
