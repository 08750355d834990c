namespace DeviceMqtt.Wire
{
    /// <summary>One argument of a command, as the birth describes it: <c>name[?]:kind</c>, then range, <c>[unit]</c>, <c>=default</c>, <c>@state</c>.</summary>
    public sealed class CommandArgument
    {
        private string[] _choices = EmptyTexts.Make(0);

        /// <summary>Member name in <c>args</c>.</summary>
        public string Name { get; internal set; } = "";

        /// <summary>True if it may be left out.</summary>
        public bool IsOptional { get; internal set; }

        /// <summary>What its value is.</summary>
        public CommandArgumentKind Kind { get; internal set; }

        /// <summary>True if <see cref="Min"/> and <see cref="Max"/> are given: of the value, or of the bytes of a text.</summary>
        public bool HasRange { get; internal set; }

        /// <summary>Least value.</summary>
        public double Min { get; internal set; }

        /// <summary>Largest value.</summary>
        public double Max { get; internal set; }

        /// <summary>SenML unit code (RFC 8428), or empty.</summary>
        public string Unit { get; internal set; } = "";

        /// <summary>What it is when left out, as text; empty if that is not said.</summary>
        public string Default { get; internal set; } = "";

        /// <summary>The reading or event that shows the present value, <c>stream.member</c>; empty if there is none.</summary>
        public string State { get; internal set; } = "";

        /// <summary>How many choices there are; 0 for all kinds but <see cref="CommandArgumentKind.Choice"/>.</summary>
        public int ChoiceCount => _choices.Length;

        /// <summary>A choice, by its place.</summary>
        public string ChoiceAt(int index)
        {
            return _choices[index];
        }

        internal void SetChoices(string[] choices)
        {
            _choices = choices;
        }
    }
}
