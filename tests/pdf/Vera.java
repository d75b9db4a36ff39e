import java.io.FileInputStream;
import java.io.InputStream;
import java.util.Map;
import java.util.TreeMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.Foundries;
import org.verapdf.pdfa.PDFAParser;
import org.verapdf.pdfa.PDFAValidator;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.TestAssertion;
import org.verapdf.pdfa.results.ValidationResult;
import org.verapdf.pdfa.validation.profiles.Profiles;
import org.verapdf.pdfa.validation.profiles.ValidationProfile;

/**
 * Checks PDF files against one standard: `Vera ua1|3a FILE...`.
 *
 * One line a file, parted by tabs: CHECKED, the file, how many checks were made; before it one line FAILED for each
 * rule that is broken: the file, the rule, how often, where first, what the rule says. A file that is no PDF is BROKEN.
 */
public class Vera {
    private static final Map<String, String> PROFILES = Map.of("ua1", "PDFUA-1", "3a", "PDFA-3A");
    private static final int FAILURES_SHOWN = 2000;

    private record Failure(int times, String place, String message) {
        Failure again() {
            return new Failure(times + 1, place, message);
        }
    }

    public static void main(String[] arguments) throws Exception {
        Logger.getLogger("").setLevel(Level.SEVERE);
        VeraGreenfieldFoundryProvider.initialise();
        String standard = arguments[0];
        ValidationProfile profile = profile(standard);
        for (int i = 1; i < arguments.length; i++) {
            check(arguments[i], PDFAFlavour.fromString(standard), profile);
        }
    }

    private static ValidationProfile profile(String standard) throws Exception {
        String place = "/org/verapdf/pdfa/validation/" + PROFILES.get(standard) + ".xml";
        try (InputStream rules = Vera.class.getResourceAsStream(place)) {
            return Profiles.profileFromXml(rules);
        }
    }

    private static void check(String file, PDFAFlavour flavour, ValidationProfile profile) {
        try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), flavour)) {
            PDFAValidator validator =
                    Foundries.defaultInstance().createValidator(profile, FAILURES_SHOWN, false, false, false);
            ValidationResult result = validator.validate(parser);
            failures(result).forEach((rule, failure) ->
                    say("FAILED", file, rule, failure.times() + "x", failure.place(), failure.message()));
            if (result.isCompliant() == !failures(result).isEmpty()) {
                say("BROKEN", file, "the verdict and the failures do not agree");
            }
            say("CHECKED", file, String.valueOf(result.getTotalAssertions()));
        } catch (Exception error) {
            say("BROKEN", file, String.valueOf(error));
        }
    }

    private static Map<String, Failure> failures(ValidationResult result) {
        Map<String, Failure> found = new TreeMap<>();
        for (TestAssertion assertion : result.getTestAssertions()) {
            if (assertion.getStatus() != TestAssertion.Status.FAILED) {
                continue;
            }
            String rule = assertion.getRuleId().getClause() + "-" + assertion.getRuleId().getTestNumber();
            Failure first = new Failure(1, assertion.getLocation().getContext(), assertion.getMessage());
            found.merge(rule, first, (seen, next) -> seen.again());
        }
        return found;
    }

    private static void say(String... parts) {
        System.out.println(String.join("\t", parts).replaceAll("[\\r\\n]+", " "));
    }
}
