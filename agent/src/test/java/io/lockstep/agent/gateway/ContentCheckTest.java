package io.lockstep.agent.gateway;

import static io.lockstep.agent.gateway.Archives.bytes;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lockstep.artifact.EntryPath;
import io.lockstep.generation.HeldBack.Why;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContentCheckTest {
    private static final Verdict VALID = new Verdict.Valid();

    private static Verdict check(FileFormat kind, byte[] content) throws IOException {
        return ContentCheck.check(kind, Content.of(content));
    }

    private static void assertInvalid(FileFormat kind, byte[] content, Why why, String detail) throws IOException {
        var verdict = check(kind, content);
        assertThat(verdict).isInstanceOf(Verdict.Invalid.class);
        assertThat(((Verdict.Invalid) verdict).why()).isEqualTo(why);
        assertThat(((Verdict.Invalid) verdict).detail()).contains(detail);
    }

    @ParameterizedTest
    @CsvSource({
        "server/synapse-configs/default/api/a.xml, XML",
        "server/dataservices/a.dbs, XML",
        "server/carbonapps/a.car, CARBON_APPLICATION",
        "server/webapps/a.war, ARCHIVE",
        "server/eventstreams/a.json, JSON",
        "server/executionplans/a.siddhiql, EXECUTION_PLAN",
        "server/a.XML, OTHER",
        "server/a.xml.back, OTHER",
        "server/xml, XML",
        "server/a.properties, OTHER"
    })
    void theKindIsToldByTheExactExtension(String path, FileFormat kind) {
        assertThat(FileFormat.of(EntryPath.of(path))).isEqualTo(kind);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<api/>",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- a --><api xmlns=\"u\" name='a'>&amp;&#65;<![CDATA[<&]]></api>\n",
                "\ufeff<api>\u00fc</api>",
                "<?pi x?><a:api xmlns:a='u'/>"
            })
    void wellFormedXmlIsValid(String text) throws IOException {
        assertThat(check(FileFormat.XML, bytes(text))).isEqualTo(VALID);
    }

    @Test
    void anyEncodingThatSaysWhatItIsIsValid() throws IOException {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><api name=\"\u00fc\"/>";

        assertThat(check(FileFormat.XML, text.getBytes(UTF_16))).isEqualTo(VALID);
        assertThat(check(FileFormat.XML, ("\ufeff" + text).getBytes(UTF_16LE))).isEqualTo(VALID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<api>",
                "<api></ap>",
                "<api><a></api></a>",
                "<api url='http://x?a=1&b=2'/>",
                "<api/><api/>",
                "<api/>trailing",
                "<<<<<<< .mine\n<api/>\n=======\n",
                "<x:api/>",
                "<api a='1' a='2'/>",
                "<api>&nbsp;</api>",
                "<api>\u0000</api>",
                "   ",
                "no xml"
            })
    void whatIsNotWellFormedIsInvalid(String text) throws IOException {
        assertThat(check(FileFormat.XML, bytes(text)))
                .as(text)
                .isInstanceOfSatisfying(
                        Verdict.Invalid.class,
                        invalid -> assertThat(invalid.why()).isEqualTo(Why.INVALID_XML));
    }

    @Test
    void itIsSaidWhatIsWrong() throws IOException {
        assertInvalid(FileFormat.XML, new byte[0], Why.INVALID_XML, "it is empty");
        assertInvalid(FileFormat.XML, bytes("<api>\n<a>\n"), Why.INVALID_XML, "line 3: ");
        assertInvalid(FileFormat.XML, bytes("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"), Why.INVALID_XML, "DOCTYPE");
        assertInvalid(
                FileFormat.XML,
                bytes("<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'><a/>"),
                Why.INVALID_XML,
                "DOCTYPE");
    }

    @Test
    void xmlThatIsTooDeepIsInvalidAndXmlThatIsTooLargeIsNotChecked() throws IOException {
        assertThat(check(FileFormat.XML, bytes("<a>".repeat(900) + "</a>".repeat(900))))
                .isEqualTo(VALID);
        assertThat(check(FileFormat.XML, bytes("<a>".repeat(1_100) + "</a>".repeat(1_100))))
                .isInstanceOf(Verdict.Invalid.class);

        assertThat(check(FileFormat.XML, bytes("<a>" + " ".repeat(XmlCheck.MAX_BYTES) + "</a>")))
                .isInstanceOf(Verdict.NotChecked.class);
    }

    @Test
    void aWholeApplicationIsValidAndEveryCutOfItIsNot() throws IOException {
        var application = Archives.application();
        assertThat(check(FileFormat.CARBON_APPLICATION, application)).isEqualTo(VALID);

        for (int length = 0; length < application.length; length++) {
            assertThat(check(FileFormat.CARBON_APPLICATION, Arrays.copyOf(application, length)))
                    .as("cut at %d", length)
                    .isInstanceOf(Verdict.Invalid.class);
        }
    }

    @Test
    void anArchiveWithACommentBytesBeforeOrAfterItOrWideNumbersIsValid() throws IOException {
        var commented = Archives.archive(Map.of("a", bytes("1")), "made by PK\u0005\u0006 hand".repeat(100));
        var alone = Archives.archive(Map.of("a", bytes("1")), "");
        var before = new byte[alone.length + 100];
        System.arraycopy(alone, 0, before, 100, alone.length);

        assertThat(check(FileFormat.ARCHIVE, commented)).isEqualTo(VALID);
        assertThat(check(FileFormat.ARCHIVE, before)).isEqualTo(VALID);
        assertThat(check(FileFormat.ARCHIVE, Arrays.copyOf(alone, alone.length + 100)))
                .isEqualTo(VALID);
        assertThat(check(FileFormat.CARBON_APPLICATION, Archives.wide("artifacts.xml", bytes(Archives.ARTIFACTS))))
                .isEqualTo(VALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/../../x", "/etc/x", "\\x", "a\\..\\..\\x", "C:x", ".."})
    void anEntryThatClimbsOutIsInvalid(String name) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("artifacts.xml", bytes(Archives.ARTIFACTS));
        entries.put(name, bytes("x"));

        assertInvalid(
                FileFormat.ARCHIVE, Archives.archive(entries, ""), Why.INVALID_ARCHIVE, "climbs out of the archive");
    }

    @Test
    void aNameWithDotsThatDoesNotClimbIsValid() throws IOException {
        assertThat(check(FileFormat.ARCHIVE, Archives.archive(Map.of("a..b/...c", bytes("1")), "")))
                .isEqualTo(VALID);
    }

    @Test
    void anApplicationNeedsAWellFormedListOfItsArtifacts() throws IOException {
        assertInvalid(
                FileFormat.CARBON_APPLICATION,
                Archives.archive(Map.of("b/artifacts.xml", bytes(Archives.ARTIFACTS)), ""),
                Why.INVALID_ARCHIVE,
                "no artifacts.xml");
        assertInvalid(
                FileFormat.CARBON_APPLICATION,
                Archives.archive(Map.of("artifacts.xml", bytes("<artifacts>")), ""),
                Why.INVALID_ARCHIVE,
                "not well-formed");
        assertThat(check(FileFormat.ARCHIVE, Archives.archive(Map.of("b", bytes("<a>")), "")))
                .isEqualTo(VALID);
    }

    @Test
    void aHoleInTheMiddleIsSeenWhereAnEntryBegins() throws IOException {
        var application = Archives.application();
        Arrays.fill(application, 0, 200, (byte) 0);

        assertInvalid(
                FileFormat.CARBON_APPLICATION, application, Why.INVALID_ARCHIVE, "is not where the directory says");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[1, 2]", "{\"a\": {\"b\": [\"c\"]}}", "// c\n{a: 'b'}", "\"x\"", "\ufeff{}"})
    void jsonThatComesToItsEndIsValid(String text) throws IOException {
        assertThat(check(FileFormat.JSON, bytes(text))).isEqualTo(VALID);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  \n", "{", "{\"a\": [1,", "{\"name\": \"ab", "{\"a\"", "[1"})
    void jsonThatEndsInTheMiddleIsInvalid(String text) throws IOException {
        assertThat(check(FileFormat.JSON, bytes(text))).as(text).isInstanceOf(Verdict.Invalid.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{a = 1}", "<json/>", "}", "{\"a\": 1}}"})
    void whatALenientParserMightTakeIsNotChecked(String text) throws IOException {
        assertThat(check(FileFormat.JSON, bytes(text))).as(text).isInstanceOf(Verdict.NotChecked.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "from A select * insert into B;",
                "/* it's ( */ -- a ' [\n@Plan:name('x(')\ndefine stream A (a string, b int);\nfrom A[a == \"}\"] select *",
                "@x('''')\n@y(\"\"\"a ( ' b\"\"\") define stream A (a string);"
            })
    void aPlanWhoseBracketsAreClosedIsValid(String text) throws IOException {
        assertThat(check(FileFormat.EXECUTION_PLAN, bytes(text))).as(text).isEqualTo(VALID);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", " \n ", "define stream A (a string", "from A[x", "/* open", "@Plan:name('a", "a )", "(]"})
    void aPlanThatEndsInTheMiddleIsInvalid(String text) throws IOException {
        assertInvalid(FileFormat.EXECUTION_PLAN, bytes(text), Why.INVALID_POLICY, "");
    }

    @Test
    void aPlanWithAScriptAndAFileOfAnotherKindAreNotChecked() throws IOException {
        assertThat(check(FileFormat.EXECUTION_PLAN, bytes("define Function f[JavaScript] return int { \"}\" ( };")))
                .isInstanceOf(Verdict.NotChecked.class);
        assertThat(check(FileFormat.OTHER, bytes("<a>"))).isInstanceOf(Verdict.NotChecked.class);
    }

    @ParameterizedTest
    @CsvSource({"XML", "CARBON_APPLICATION", "JSON", "EXECUTION_PLAN"})
    void aDiskThatRefusesIsNoVerdict(FileFormat kind) {
        var content = new Content() {
            @Override
            public long sizeBytes() {
                return 1_000;
            }

            @Override
            public int read(long position, byte[] into, int offset, int length) throws IOException {
                throw new IOException("EIO");
            }
        };

        assertThatThrownBy(() -> ContentCheck.check(kind, content))
                .isInstanceOf(IOException.class)
                .hasMessage("EIO");
    }
}
