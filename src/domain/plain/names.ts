export const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
export const NAME_RULE = "must be 1 to 63 characters of a-z, 0-9 and '-', beginning with a letter or digit";

/** Whether a text is a name of a site, target or vantage. */
export const isName = (text: string): boolean => NAME.test(text);

/** `site/target`, unique in the whole deployment: neither part can hold a slash. */
export const keyOf = (site: string, target: string): string => `${site}/${target}`;
