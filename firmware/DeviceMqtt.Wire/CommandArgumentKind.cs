namespace DeviceMqtt.Wire
{
    /// <summary>What the value of an argument is; the letter is how the birth says it.</summary>
    public enum CommandArgumentKind
    {
        /// <summary><c>b</c>: true or false.</summary>
        Boolean = 0,

        /// <summary><c>i</c>: a whole number.</summary>
        Whole = 1,

        /// <summary><c>n</c>: a number.</summary>
        Number = 2,

        /// <summary><c>s</c>: a text; its range is its length in bytes.</summary>
        Text = 3,

        /// <summary><c>e(a|b|c)</c>: one of some texts.</summary>
        Choice = 4,
    }
}
