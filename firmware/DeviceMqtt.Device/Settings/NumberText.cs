namespace DeviceMqtt.Device
{
    /// <summary>Numbers as people write them into settings.</summary>
    public static class NumberText
    {
        private const string HexDigits = "0123456789abcdef";

        /// <summary>A whole number in a range, decimal or like <c>0x77</c>.</summary>
        public static bool TryParse(string text, int min, int max, out int value)
        {
            bool isHex = text.Length > 2 && text.Length < 10 && text[0] == '0' && text[1] == 'x';
            bool isNumber = isHex ? TryParseHex(text, out value) : int.TryParse(text, out value);
            return isNumber && value >= min && value <= max;
        }

        private static bool TryParseHex(string text, out int value)
        {
            value = 0;
            for (int i = 2; i < text.Length; i++)
            {
                int digit = HexDigits.IndexOf(text[i]);
                if (digit < 0)
                {
                    return false;
                }

                value = (value << 4) | digit;
            }

            return true;
        }
    }
}
