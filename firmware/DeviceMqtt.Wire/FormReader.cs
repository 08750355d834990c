namespace DeviceMqtt.Wire
{
    /// <summary>Takes an item of the birth's <c>cmd</c> apart, from left to right; never behind its end.</summary>
    internal sealed class FormReader
    {
        // What no double is written with by people: a longer number is no range.
        private const int NumberCharsMax = 20;
        private const int WholeDigitsMax = 15;

        private readonly string _text;
        private int _at;

        internal FormReader(string text)
        {
            _text = text;
        }

        internal bool IsAtEnd => _at == _text.Length;

        /// <summary>Passes a character if it is the next one.</summary>
        internal bool TryPass(char expected)
        {
            if (IsAtEnd || _text[_at] != expected)
            {
                return false;
            }

            _at++;
            return true;
        }

        /// <summary>Letters, digits, dot, hyphen and underscore; empty if none stands here.</summary>
        internal string TakeWord()
        {
            int start = _at;
            while (!IsAtEnd && IsOfAWord(_text[_at]))
            {
                _at++;
            }

            return _text.Substring(start, _at - start);
        }

        /// <summary><c>name[?]:kind</c> and what follows it.</summary>
        internal bool TryTakeArgument(CommandArgument argument)
        {
            argument.Name = TakeWord();
            argument.IsOptional = TryPass('?');
            if (argument.Name.Length == 0 || argument.Name.Length > WireLimits.CommandNameCharsMax || !TryPass(':') || !TryTakeKind(argument))
            {
                return false;
            }

            if (TryPass('['))
            {
                argument.Unit = TakeUntil(']');
                if (argument.Unit.Length == 0 || !TryPass(']'))
                {
                    return false;
                }
            }

            if (TryPass('='))
            {
                argument.Default = TakeUntil('@');
                if (argument.Default.Length == 0)
                {
                    return false;
                }
            }

            if (TryPass('@'))
            {
                argument.State = TakeWord();
                return argument.State.Length > 0;
            }

            return true;
        }

        private static bool IsOfAWord(char c)
        {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
        }

        private bool TryTakeKind(CommandArgument argument)
        {
            if (TryPass('b'))
            {
                argument.Kind = CommandArgumentKind.Boolean;
                return true;
            }

            if (TryPass('e'))
            {
                argument.Kind = CommandArgumentKind.Choice;
                return TryTakeChoices(argument);
            }

            if (!TryPass('i') && !TryPass('n') && !TryPass('s'))
            {
                return false;
            }

            char kind = _text[_at - 1];
            argument.Kind = kind == 'i' ? CommandArgumentKind.Whole : kind == 'n' ? CommandArgumentKind.Number : CommandArgumentKind.Text;
            return TryTakeRange(argument);
        }

        private bool TryTakeChoices(CommandArgument argument)
        {
            if (!TryPass('('))
            {
                return false;
            }

            string[] choices = EmptyTexts.Make(WireLimits.CommandArgumentsMax);
            int count = 0;
            do
            {
                string choice = TakeWord();
                if (choice.Length == 0 || count == choices.Length)
                {
                    return false;
                }

                choices[count] = choice;
                count++;
            }
            while (TryPass('|'));

            string[] all = EmptyTexts.Make(count);
            for (int i = 0; i < count; i++)
            {
                all[i] = choices[i];
            }

            argument.SetChoices(all);
            return TryPass(')');
        }

        private bool TryTakeRange(CommandArgument argument)
        {
            if (IsAtEnd || (_text[_at] != '-' && (_text[_at] < '0' || _text[_at] > '9')))
            {
                return true;
            }

            double min;
            double max;
            if (!TryTakeNumber(out min) || !TryPass('.') || !TryPass('.') || !TryTakeNumber(out max) || max < min)
            {
                return false;
            }

            argument.HasRange = true;
            argument.Min = min;
            argument.Max = max;
            return true;
        }

        private bool TryTakeNumber(out double value)
        {
            bool isNegative = TryPass('-');
            int start = _at;
            value = 0;
            double place = 0;
            while (!IsAtEnd && _at - start < NumberCharsMax)
            {
                char c = _text[_at];
                // Two dots are those of the range, not of the number.
                bool isPoint = c == '.' && place == 0 && _at > start && _at + 1 < _text.Length && _text[_at + 1] >= '0' && _text[_at + 1] <= '9';
                if (!isPoint && (c < '0' || c > '9'))
                {
                    break;
                }

                if (isPoint)
                {
                    place = 1;
                }
                else
                {
                    value = (value * 10) + (c - '0');
                    place *= 10;
                }

                _at++;
            }

            int length = _at - start;
            value = place > 1 ? value / place : value;
            value = isNegative ? -value : value;
            return length > 0 && length <= WholeDigitsMax;
        }

        private string TakeUntil(char end)
        {
            int start = _at;
            while (!IsAtEnd && _text[_at] != end && _text[_at] != ' ')
            {
                _at++;
            }

            return _text.Substring(start, _at - start);
        }
    }
}
