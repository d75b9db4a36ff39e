"""Where the sentence for a refusal stands on a form."""

from flask_wtf import FlaskForm


class RefusableForm(FlaskForm):  # type: ignore[misc]  # flask_wtf publishes no types
    """A form that the house may still refuse once every field of it can be taken."""

    def refuse(self, field: object, sentence: str) -> None:
        """Put the sentence for a refusal beside the field that it is about, or over the form."""
        if isinstance(field, str) and field in self:
            self[field].errors = [*self[field].errors, sentence]
        else:
            self.form_errors.append(sentence)
